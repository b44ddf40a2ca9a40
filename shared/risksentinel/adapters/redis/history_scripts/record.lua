-- Records a payment with one of its two accounts, once, and answers what the account kept before.
--
-- KEYS 1  hash: the account's side
--      2  the answer that this payment got: what the account knew
--      3  hash: the same account's other side; left out if its flow is not requested
-- ARGV 1  the payment's entry for the habits, 20 bytes
--      2  its entry for the flow, 26 bytes
--      3  the amount in rand, as a double reads it
--      4  the device's digest, 4 bytes; zeros where none is stated
--      5  most payments of the flow
--      6  most beneficiaries; 0: none are kept
--      7  for how many seconds the hash is kept
--      8  for how many seconds the answer is kept; 0: not at all
--      9  most days      10  most payments of the habits      11  most devices
--     12  the list of beneficiaries is full when so many are left of it or less
--
-- Answers what was known (21 bytes), four lengths (2 bytes each), then the flow, the flow of the
-- other side, the habits' payments and days, and the labels.

local entry, identity = ARGV[1], string.sub(ARGV[1], 13, 16)
local side = side_of(KEYS[1])
local got = KEYS[3] and redis.call('HGET', KEYS[3], 'flow') or ''

local function reply(answer, flow, payments)
  return answer .. struct.pack('<I2I2I2I2', #flow, #got, #payments, #side.days)
    .. flow .. got .. payments .. side.days .. side.labels
end

local answered = redis.call('GET', KEYS[2])
if answered then
  local place = place_of(side.payments, identity, PAYMENT, 12)
  local flowed = place_of(side.flow, identity, FLOW, 20)
  return reply(answered,
    flowed and string.sub(side.flow, 1, flowed) or side.flow,
    place and string.sub(side.payments, 1, place) or side.payments)
end

local most, kept = tonumber(ARGV[6]), #side.beneficiaries / KNOWN
local first = first_of(side.beneficiaries, string.sub(entry, 9, 12))
local full = first == 0 and most > 0 and most <= kept + tonumber(ARGV[12])
local device = ARGV[4] == NO_DEVICE and 0 or first_of(side.devices, ARGV[4])
local answer = struct.pack('<I4I4I4I4BI4', side.count, side.first, side.last, first,
  full and 1 or 0, device)
local before = reply(answer, side.flow, side.payments)

teach(side, entry, ARGV[4], tonumber(ARGV[3]), {
  days = ARGV[9], habits = ARGV[10], beneficiaries = most, devices = ARGV[11],
})
side.last = math.max(side.last, (struct.unpack('<I4', entry)))
local flow, start = side.flow .. ARGV[2], 0
local since = struct.unpack('<I8', ARGV[2]) - KEPT
while start < #flow and struct.unpack('<I8', flow, start + 1) <= since do
  start = start + FLOW
end
side.flow = string.sub(string.sub(flow, start + 1), -FLOW * ARGV[5])
keep(KEYS[1], side, ARGV[7])
if ARGV[8] ~= '0' then
  redis.call('SET', KEYS[2], answer, 'EX', ARGV[8])
end
return before
