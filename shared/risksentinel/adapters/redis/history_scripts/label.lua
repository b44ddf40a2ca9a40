-- Keeps what a payment turned out to be with one of its two accounts. A payment under review that
-- was genuine becomes a habit.
--
-- KEYS 1  hash: the account's side
-- ARGV 1  the label, 13 bytes
--      2  most labels; 0: the payment's label is withdrawn
--      3  for how many seconds the hash is kept
--      4  the payment's entry for the habits where it was genuine; else empty
--      5  the amount in rand, as a double reads it
--      6  most beneficiaries; 0: none are kept
--      7  most days      8  most payments of the habits      9  most devices

local side = side_of(KEYS[1])

local function relabelled(labels)
  local identity, others = string.sub(ARGV[1], 9, 12), ''
  for start = 1, #labels, LABEL do
    local known = string.sub(labels, start, start + LABEL - 1)
    if known == ARGV[1] and ARGV[2] ~= '0' then
      return labels
    elseif string.sub(known, 9, 12) ~= identity then
      others = others .. known
    end
  end
  return ARGV[2] == '0' and others or string.sub(others .. ARGV[1], -LABEL * ARGV[2])
end

side.labels = relabelled(side.labels)
local place = ARGV[4] ~= '' and place_of(side.held, string.sub(ARGV[4], 13, 16), HELD, 12)
if place then
  local held = string.sub(side.held, place + 1, place + HELD)
  side.held = without(side.held, place, HELD)
  teach(side, string.sub(held, 1, PAYMENT), string.sub(held, PAYMENT + 1), tonumber(ARGV[5]), {
    days = ARGV[7], habits = ARGV[8], beneficiaries = tonumber(ARGV[6]), devices = ARGV[9],
  })
end
redis.call('DEL', KEYS[1])
keep(KEYS[1], side, ARGV[3])
return 1
