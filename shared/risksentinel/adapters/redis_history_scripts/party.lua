-- What both accounts of a payment keep for the model's features: see domain/party_state.py, which
-- says what the entries are. The scripts of sender and receiver begin with this.

local PAYMENT, DAY = 20, 14
local DAY_SECONDS = 86400

-- How many bytes lie before the payment with this identity; nil where it is not kept.
local function bytes_before(payments, identity)
  local found = string.find(payments, identity, 1, true)
  while found and (found - 13) % PAYMENT ~= 0 do
    found = string.find(payments, identity, found + 1, true)
  end
  return found and found - 13
end

-- The days in order, one payment more; a late one joins its own day while that is kept.
local function with_day(days, day, rand, most)
  local stop = #days
  while stop > 0 do
    local start = stop - DAY
    local known, count, total = struct.unpack('<I2I4d', days, start + 1)
    if known == day then
      local one_more = struct.pack('<I2I4d', day, count + 1, total + rand)
      return string.sub(days, 1, start) .. one_more .. string.sub(days, stop + 1)
    elseif known < day then
      break
    end
    stop = start
  end
  local fresh = struct.pack('<I2I4d', day, 1, rand)
  local longer = string.sub(days, 1, stop) .. fresh .. string.sub(days, stop + 1)
  return string.sub(longer, -DAY * most)
end

-- What was kept before this payment; it is kept from now on if `record` says so.
local function party(key, entry, rand, most_payments, most_days, record)
  local kept = redis.call('HMGET', key, 'payments', 'days', 'labels')
  local payments, days, labels = kept[1] or '', kept[2] or '', kept[3] or ''
  local place = bytes_before(payments, string.sub(entry, 13, 16))
  local before = place and string.sub(payments, 1, place) or payments
  if record and not place then
    local day = math.floor(struct.unpack('<I4', entry) / DAY_SECONDS)
    redis.call('HSET', key,
      'payments', string.sub(payments .. entry, -PAYMENT * most_payments),
      'days', with_day(days, day, rand, most_days))
  end
  return struct.pack('<I2I2', #before, #days) .. before .. days .. labels
end
