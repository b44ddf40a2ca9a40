-- Records a payment of one sender, once, and answers what the sender did before.
--
-- KEYS 1  hash: what is known of the sender; a field for each habit, so that more can join them
--          mean           count and mean of all, two doubles
--          payments, days, labels  for the features: see party.lua
--          beneficiaries  8 bytes each, the one paid last at the end: the receiver's digest, and
--                         the second of the sender's first payment to it
--      2  list: the payments within reach, by time and arrival, 16 bytes each: microseconds as a
--         double, the high and the low half of the cents
--      3  the answer that this payment got, 33 bytes: payments and cents (high and low half) in
--         the window; count and mean of earlier amounts; whether the receiver is new
-- ARGV 1  when the payment was made, in microseconds
--      2  where the window begins, in microseconds; that moment itself is outside
--      3  how far back payments are kept, in microseconds
--      4  cents, a big-endian integer of 8 bytes
--      5  the amount in rand, as a double reads it
--      6  the receiver's digest, 4 bytes
--      7  most payments kept
--      8  most beneficiaries kept
--      9  for how many seconds the hash is kept
--     10  for how many seconds the list is kept
--     11  for how many seconds the answer is kept; 0: not at all
--     12  the payment's entry for the features, 20 bytes
--     13  most payments kept for them
--     14  most days kept for them
--
-- Answers those 33 bytes, and then what party.lua says was kept before.

local answered = redis.call('GET', KEYS[3])
local before = party(KEYS[1], ARGV[12], tonumber(ARGV[5]), ARGV[13], ARGV[14], not answered)
if answered then
  return answered .. before
end

local at, since, reach = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local AT_ONCE = 32

-- What the window holds so far, the payment that follows this one, and when the newest was made.
local function window()
  local payments, high, low = 0, 0, 0 -- doubles hold the sums of halves, not those of whole cents
  local following, newest
  local last = -1
  repeat
    local chunk = redis.call('LRANGE', KEYS[2], last - AT_ONCE + 1, last)
    for place = #chunk, 1, -1 do
      local moment, upper, lower = struct.unpack('>dI4I4', chunk[place])
      newest = newest or moment
      if moment <= since then
        return payments, high, low, following, newest
      elseif moment > at then
        following = chunk[place]
      else
        payments, high, low = payments + 1, high + upper, low + lower
      end
    end
    last = last - AT_ONCE
  until #chunk < AT_ONCE
  return payments, high, low, following, newest or at
end

local function add(following)
  local payment = struct.pack('>d', at) .. ARGV[4]
  if following then
    redis.call('LINSERT', KEYS[2], 'BEFORE', following, payment)
  else
    redis.call('RPUSH', KEYS[2], payment)
  end
end

local function forget(newest)
  while struct.unpack('>d', redis.call('LINDEX', KEYS[2], 0)) < newest - reach do
    redis.call('LPOP', KEYS[2])
  end
  redis.call('LTRIM', KEYS[2], -ARGV[7], -1)
  redis.call('EXPIRE', KEYS[2], ARGV[10])
end

local function with_amount(count, mean, amount)
  return struct.pack('>dd', count + 1, mean + (amount - mean) / (count + 1))
end

local ENTRY = 8
local COOLING_OFF = 86400

local function place_of(digest, entries)
  local place = string.find(entries, digest, 1, true)
  while place and place % ENTRY ~= 1 do
    place = string.find(entries, digest, place + 1, true)
  end
  return place
end

-- The entries with this one at the end, and when the receiver was first paid.
local function with_entry(digest, entries, place, second)
  local first = second
  if place then
    first = math.min(struct.unpack('>I4', entries, place + 4), second)
    entries = string.sub(entries, 1, place - 1) .. string.sub(entries, place + ENTRY)
  end
  entries = entries .. digest .. struct.pack('>I4', first)
  return string.sub(entries, -ENTRY * ARGV[8]), first
end

local payments, high, low, following, newest = window()
add(following)
forget(math.max(newest, at))

local habits = redis.call('HMGET', KEYS[1], 'mean', 'beneficiaries')
local count, mean = 0, 0
if habits[1] then
  count, mean = struct.unpack('>dd', habits[1])
end
local beneficiaries = habits[2] or ''
local second = math.floor(at / 1000000)
local kept, first = with_entry(ARGV[6], beneficiaries, place_of(ARGV[6], beneficiaries), second)
local new = second - first < COOLING_OFF
redis.call('HSET', KEYS[1],
  'mean', with_amount(count, mean, tonumber(ARGV[5])),
  'beneficiaries', kept)
redis.call('EXPIRE', KEYS[1], ARGV[9])

local upper, lower = struct.unpack('>I4I4', ARGV[4])
local answer = struct.pack('>I4ddI4dB',
  payments + 1, high + upper, low + lower, count, mean, new and 1 or 0)
if ARGV[11] ~= '0' then
  redis.call('SET', KEYS[3], answer, 'EX', ARGV[11])
end
return answer .. before
