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
local second = struct.unpack('<I4', entry)
side.payments = without(side.payments, place, PAYMENT)
side.days = without_day(side.days, math.floor(second / DAY_SECONDS), tonumber(ARGV[3]))
side.count = math.max(0, side.count - 1)
if side.count == 0 then
  side.first = 0
end
side.beneficiaries = unless_first(side.beneficiaries, string.sub(entry, 9, 12), second)
side.devices = unless_first(side.devices, ARGV[2], second)
if ARGV[4] ~= '0' then
  side.held = string.sub(side.held .. entry .. ARGV[2], -HELD * ARGV[4])
end
redis.call('DEL', KEYS[1])
keep(KEYS[1], side, ARGV[5])
return 1
