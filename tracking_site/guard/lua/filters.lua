-- The filters of novelty.py: four bits each, seen or set in one command.

local function seen(key, one, two, three, four)
  local bits = redis.call('BITFIELD_RO', key,
    'GET', 'u1', one, 'GET', 'u1', two, 'GET', 'u1', three, 'GET', 'u1', four)
  return bits[1] + bits[2] + bits[3] + bits[4] == 4
end

-- Returns whether one of the bits did not stand.
local function added(key, one, two, three, four)
  local bits = redis.call('BITFIELD', key, 'SET', 'u1', one, 1,
    'SET', 'u1', two, 1, 'SET', 'u1', three, 1, 'SET', 'u1', four, 1)
  return bits[1] + bits[2] + bits[3] + bits[4] < 4
end

-- Whether a number was found today, by its places in the filter of answers.
local function credited(key, one, two, three, four)
  local bits = P.credited_bits
  return seen(key, one % bits, two % bits, three % bits, four % bits)
end

local function credit(key, one, two, three, four)
  local bits = P.credited_bits
  return added(key, one % bits, two % bits, three % bits, four % bits)
end

local function keep_for(seconds, ...)
  for _, key in ipairs({...}) do redis.call('EXPIRE', key, seconds) end
end
