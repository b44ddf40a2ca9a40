-- Keeps what a payment turned out to be, with one of its two accounts.
--
-- KEYS 1  hash: what is known of the account; its field `labels` has 13 bytes each
-- ARGV 1  the label: when it became known, when the payment was made, the payment's identity (4 bytes
--         each), 1 for fraud or 0 for genuine
--      2  most labels kept; 0: the payment's label is withdrawn
--      3  for how many seconds the hash is kept

local LABEL = 13
local labels = redis.call('HGET', KEYS[1], 'labels') or ''
local identity = string.sub(ARGV[1], 9, 12)
local others = ''
for start = 1, #labels, LABEL do
  local known = string.sub(labels, start, start + LABEL - 1)
  if known == ARGV[1] and ARGV[2] ~= '0' then
    return 0
  elseif string.sub(known, 9, 12) ~= identity then
    others = others .. known
  end
end
if ARGV[2] ~= '0' then
  others = string.sub(others .. ARGV[1], -LABEL * ARGV[2])
end
redis.call('HSET', KEYS[1], 'labels', others)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
