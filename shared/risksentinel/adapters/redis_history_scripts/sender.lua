-- Records a payment of one sender, once, and answers what the sender did before.
--
-- KEYS 1  hash: what is known of the sender; a field for each habit, so that more can join them
--          amounts        count, mean and sum of squared differences (Welford), three doubles
--          beneficiaries  8 bytes each, the one paid last at the end
--      2  sorted set: the payments within reach; score: microseconds; member: cents, digest
--      3  the answer that this payment got, 41 bytes: payments and cents (high and low half) in
--         the window; count, mean and squares of earlier amounts; whether the receiver is new
-- ARGV 1  when the payment was made, in microseconds
--      2  where the window begins, in microseconds; that moment itself is outside
--      3  how far back payments are kept, in microseconds
--      4  cents, a big-endian integer of 8 bytes
--      5  the amount in rand, as a double reads it
--      6  the payment's digest, 8 bytes
--      7  the receiver's digest, 8 bytes
--      8  most payments kept
--      9  most beneficiaries kept
--     10  for how many seconds the hash is kept
--     11  for how many seconds the sorted set is kept
--     12  for how many seconds the answer is kept; 0: not at all

local answered = redis.call('GET', KEYS[3])
if answered then
  return answered
end

local function window()
  redis.call('ZADD', KEYS[2], ARGV[1], ARGV[4] .. ARGV[6])
  local payments = redis.call('ZRANGE', KEYS[2], '(' .. ARGV[2], ARGV[1], 'BYSCORE')
  local high, low = 0, 0 -- a double holds their sums exactly, and not that of the whole numbers
  for _, payment in ipairs(payments) do
    local upper, lower = struct.unpack('>I4I4', payment)
    high, low = high + upper, low + lower
  end
  return #payments, high, low
end

local function forget_payments()
  local newest = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
  local oldest = string.format('(%.0f', newest - ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', oldest)
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[8] - 1)
end

local function with_amount(count, mean, squares, amount)
  local difference = amount - mean
  count = count + 1
  mean = mean + difference / count
  return struct.pack('>ddd', count, mean, squares + difference * (amount - mean))
end

local function place(digest, digests)
  local at = string.find(digests, digest, 1, true)
  while at and at % 8 ~= 1 do
    at = string.find(digests, digest, at + 1, true)
  end
  return at
end

local function remembered(digest, digests, at)
  if at then
    digests = string.sub(digests, 1, at - 1) .. string.sub(digests, at + 8)
  end
  return string.sub(digests .. digest, -8 * ARGV[9])
end

local habits = redis.call('HMGET', KEYS[1], 'amounts', 'beneficiaries')
local count, mean, squares = 0, 0, 0
if habits[1] then
  count, mean, squares = struct.unpack('>ddd', habits[1])
end
local beneficiaries = habits[2] or ''
local known = place(ARGV[7], beneficiaries)

local payments, high, low = window()
forget_payments()
redis.call('EXPIRE', KEYS[2], ARGV[11])
redis.call('HSET', KEYS[1],
  'amounts', with_amount(count, mean, squares, tonumber(ARGV[5])),
  'beneficiaries', remembered(ARGV[7], beneficiaries, known))
redis.call('EXPIRE', KEYS[1], ARGV[10])

local answer = struct.pack('>I4ddI4ddB',
  payments, high, low, count, mean, squares, known and 0 or 1)
if ARGV[12] ~= '0' then
  redis.call('SET', KEYS[3], answer, 'EX', ARGV[12])
end
return answer
