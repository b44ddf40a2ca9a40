-- Functions on byte strings of fixed-size entries. Every script of the history begins with this.
-- What the entries are is said in domain/account_side.py, flow.py and party_state.py, and what the
-- functions do in the Python functions of the same names.

local PAYMENT, DAY, LABEL, FLOW, KNOWN, HELD, DEVICE = 20, 14, 13, 26, 8, 24, 4
local DAY_SECONDS, KEPT = 86400, 31 * 86400 * 1000000
local NO_DEVICE = '\0\0\0\0'

-- How many bytes lie before the entry that has this digest at this offset; nil where none has it.
local function place_of(entries, digest, size, offset)
  local found = string.find(entries, digest, 1, true)
  while found and (found - 1) % size ~= offset do
    found = string.find(entries, digest, found + 1, true)
  end
  return found and found - 1 - offset
end

local function without(entries, place, size)
  return string.sub(entries, 1, place) .. string.sub(entries, place + size + 1)
end

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

local function without_day(days, day, rand)
  for start = 0, #days - DAY, DAY do
    local known, count, total = struct.unpack('<I2I4d', days, start + 1)
    if known == day then
      local left = count > 1 and struct.pack('<I2I4d', day, count - 1, total - rand) or ''
      return string.sub(days, 1, start) .. left .. string.sub(days, start + DAY + 1)
    end
  end
  return days
end

local function first_of(known, digest)
  local place = place_of(known, digest, KNOWN, 0)
  return place and struct.unpack('<I4', known, place + 5) or 0
end

local function seen(known, digest, second, most)
  if digest == NO_DEVICE then
    return known
  end
  local place = place_of(known, digest, KNOWN, 0)
  if place then
    second = math.min(second, (struct.unpack('<I4', known, place + 5)))
    known = without(known, place, KNOWN)
  end
  return string.sub(known .. digest .. struct.pack('<I4', second), -KNOWN * most)
end

local function second_of(entries, start)
  return (struct.unpack('<I4', entries, start))
end

-- The earliest second of the payments whose entry passes the test; nil where none does.
local function earliest(payments, test)
  local found
  for start = 1, #payments, PAYMENT do
    if test(start) then
      local second = second_of(payments, start)
      found = found and math.min(found, second) or second
    end
  end
  return found
end

local function first_again(known, digest, second, left)
  local place = place_of(known, digest, KNOWN, 0)
  if not place or second_of(known, place + 5) ~= second then
    return known
  elseif not left then
    return without(known, place, KNOWN)
  end
  return string.sub(known, 1, place + 4) .. struct.pack('<I4', left)
    .. string.sub(known, place + KNOWN + 1)
end

local FIELDS = {
  'payments', 'days', 'labels', 'flow', 'figures', 'beneficiaries', 'devices', 'ordered', 'held',
}

-- The side of the account that the key holds, empty where it was never heard of.
local function side_of(key)
  local values, side = redis.call('HMGET', key, unpack(FIELDS)), {}
  for place, field in ipairs(FIELDS) do
    side[field] = values[place] or ''
  end
  side.count, side.first, side.last = 0, 0, 0
  if side.figures ~= '' then
    side.count, side.first, side.last = struct.unpack('<I4I4I4', side.figures)
  end
  return side
end

-- Make a payment one of the habits. `bounds` has days, habits, beneficiaries and devices.
local function teach(side, entry, device, rand, bounds)
  local second = struct.unpack('<I4', entry)
  side.payments = string.sub(side.payments .. entry, -PAYMENT * bounds.habits)
  side.days = with_day(side.days, math.floor(second / DAY_SECONDS), rand, bounds.days)
  side.first = side.count > 0 and math.min(side.first, second) or second
  side.count = side.count + 1
  if bounds.beneficiaries > 0 then
    local party = string.sub(entry, 9, 12)
    side.beneficiaries = seen(side.beneficiaries, party, second, bounds.beneficiaries)
    side.devices = seen(side.devices, device, second, bounds.devices)
    side.ordered = string.sub(side.ordered .. device, -DEVICE * bounds.habits)
  end
end

local function keep(key, side, seconds)
  side.figures = struct.pack('<I4I4I4', side.count, side.first, side.last)
  local words = {}
  for _, field in ipairs(FIELDS) do
    if side[field] ~= '' then
      words[#words + 1] = field
      words[#words + 1] = side[field]
    end
  end
  redis.call('HSET', key, unpack(words))
  redis.call('EXPIRE', key, seconds)
end
