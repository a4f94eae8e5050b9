-- The filters of keys.py: four bits each. Of what was never asked the first one says it mostly.

local function seen(key, one, two, three, four)
  if redis.call('BITFIELD_RO', key, 'GET', 'u1', one)[1] == 0 then return false end
  local bits = redis.call('BITFIELD_RO', key,
    'GET', 'u1', two, 'GET', 'u1', three, 'GET', 'u1', four)
  return bits[1] + bits[2] + bits[3] == 3
end

-- Returns whether one of the bits did not stand.
local function added(key, one, two, three, four)
  local bits = redis.call('BITFIELD', key, 'SET', 'u1', one, 1,
    'SET', 'u1', two, 1, 'SET', 'u1', three, 1, 'SET', 'u1', four, 1)
  return bits[1] + bits[2] + bits[3] + bits[4] < 4
end

-- Whether a number was found today, by its places in the filter of answers.
local function was_found(key, one, two, three, four)
  local bits = P.credited_bits
  return seen(key, one % bits, two % bits, three % bits, four % bits)
end

-- Returns whether nobody found, or missed, the number before.
local function is_first(key, missed, one, two, three, four)
  local bits, by = P.credited_bits, missed and P.missed or 0
  return added(key, (one + by) % bits, (two + by) % bits, (three + by) % bits, (four + by) % bits)
end

-- Lets go with their day whichever of the keys just began, one by one: this server may have been
-- emptied between two steps.
local function keep_for(seconds, ...)
  for _, key in ipairs({...}) do
    if redis.call('TTL', key) == -1 then redis.call('EXPIRE', key, seconds) end
  end
end
