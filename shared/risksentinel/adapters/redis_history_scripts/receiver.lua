-- Records who paid one receiver, once a payment, and answers how many did of late.
--
-- KEYS 1  sorted set: the payers; score: when each paid last, in microseconds; member: digest
--      2  the answer that this payment got: how many payers
--      3  hash: payments, days and labels for the features: see party.lua
-- ARGV 1  when the payment was made, in microseconds
--      2  where the fan-in window begins, in microseconds; that moment itself is outside
--      3  the sender's digest, 8 bytes
--      4  most payers kept: those who paid longest ago are forgotten first
--      5  for how many seconds the sorted set is kept
--      6  for how many seconds the answer is kept; 0: not at all
--      7  the payment's entry for the features, 20 bytes
--      8  the amount in rand, as a double reads it
--      9  most payments kept for them
--     10  most days kept for them
--     11  for how many seconds the hash is kept
--
-- Answers how many payers in 4 bytes, and then what party.lua says was kept before.

local answered = redis.call('GET', KEYS[2])
local before = party(KEYS[3], ARGV[7], tonumber(ARGV[8]), ARGV[9], ARGV[10], not answered)
if answered then
  return struct.pack('<I4', tonumber(answered)) .. before
end
redis.call('EXPIRE', KEYS[3], ARGV[11])

redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[4] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[5])

local answer = tostring(redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[2], '+inf'))
if ARGV[6] ~= '0' then
  redis.call('SET', KEYS[2], answer, 'EX', ARGV[6])
end
return struct.pack('<I4', tonumber(answer)) .. before
