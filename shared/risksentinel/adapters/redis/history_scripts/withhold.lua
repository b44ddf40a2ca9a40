-- Takes a payment that was not approved out of one account's habits; under review it may come back.
--
-- KEYS 1  hash: the account's side
-- ARGV 1  the payment's entry for the habits, 20 bytes
--      2  the device's digest, 4 bytes
--      3  the amount in rand, as a double reads it
--      4  most payments that are held until they are cleared; 0: the payment was declined
--      5  for how many seconds the hash is kept

local entry, side = ARGV[1], side_of(KEYS[1])
local place = place_of(side.payments, string.sub(entry, 13, 16), PAYMENT, 12)
if not place then
  return 0
end
local second, party, device = second_of(entry, 1), string.sub(entry, 9, 12), ARGV[2]
side.payments = without(side.payments, place, PAYMENT)
side.ordered = without(side.ordered, place / PAYMENT * DEVICE, DEVICE)
side.days = without_day(side.days, math.floor(second / DAY_SECONDS), tonumber(ARGV[3]))
side.count = math.max(0, side.count - 1)
if side.count == 0 then
  side.first = 0
elseif side.first == second and side.count <= #side.payments / PAYMENT then
  side.first = earliest(side.payments, function() return true end) or 0
end
side.beneficiaries = first_again(side.beneficiaries, party, second,
  earliest(side.payments, function(start)
    return string.sub(side.payments, start + 8, start + 11) == party
  end))
side.devices = first_again(side.devices, device, second,
  earliest(side.payments, function(start)
    local at = (start - 1) / PAYMENT * DEVICE
    return string.sub(side.ordered, at + 1, at + DEVICE) == device
  end))
if ARGV[4] ~= '0' then
  side.held = string.sub(side.held .. entry .. device, -HELD * ARGV[4])
end
redis.call('DEL', KEYS[1])
keep(KEYS[1], side, ARGV[5])
return 1
