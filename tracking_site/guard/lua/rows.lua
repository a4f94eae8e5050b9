-- The rows of rows.py. Where P and a name stand, the policy's figure is written (redis_ledger.py).

local MAX_WINDOWS, MAX_STRIKES = 32767, 15

local function unpack_row(packed)
  if not packed then return nil end
  if #packed ~= 15 then error({err = 'GUARDFOREIGN row'}) end
  local d, s, w, u, b, t, n, c, r, k = struct.unpack('<HhHBBBHBHB', packed)
  return {d = d, s = s, w = w, u = u, b = b, t = t, n = n, c = c, r = r, k = k}
end

local function pack_row(row)
  return struct.pack('<HhHBBBHBHB',
    row.d, row.s, row.w, row.u, row.b, row.t, row.n, row.c, row.r, row.k)
end

local function new_row(suspicion)
  return {d = 0, s = suspicion, w = 0, u = 0, b = 0, t = 0, n = 0, c = 0, r = 0, k = 0}
end

local FIRST, SECOND, THIRD, CARRIER = P.first, P.second, P.third, P.carrier

local function windows_left(row, window)
  if row.r == 0 then return 0 end
  local left = (row.r - window) % 65536
  return left <= MAX_WINDOWS and left or 0
end

local function rested(row, window, bounds)
  if (row.r == 0 and row.s < bounds.refuse) or windows_left(row, window) > 0 then return row end
  row.s = math.min(row.s, row.c == 1 and bounds.crowd_released or bounds.released)
  row.n, row.r = math.min(row.n, bounds.unproven - bounds.more), 0
  return row
end

local function row_of(today, before, window, bounds)
  if today then return rested(unpack_row(today), window, bounds) end
  local old = unpack_row(before)
  if not old or math.abs(old.s) < 200 then return new_row(0) end
  local half = old.s < 0 and math.ceil(old.s / 2) or math.floor(old.s / 2)
  return rested(new_row(half), window, bounds)
end

local function windows(row, window)
  local passed = window - row.w
  if passed == 0 or passed == -1 then return row.u, row.b, row.w end
  return 0, passed == 1 and row.u or 0, window
end

local function is_unproven(row) return row.s > P.proven * 100 end

local function struck(row, window, bounds)
  if windows_left(row, window) > 0 then return row end
  local first = row.c == 1 and bounds.crowd_windows or bounds.windows
  row.r = (window + math.min(first * 2 ^ row.k, MAX_WINDOWS)) % 65536
  if row.r == 0 then row.r = 1 end
  row.k = math.min(row.k + 1, MAX_STRIKES)
  return row
end

local function reserved(row, window, new, ticket, bounds)
  local now, before, at = windows(row, window)
  row.d, row.w = math.min(row.d + new, 65535), at
  row.u, row.b, row.t = math.min(now + 1, 255), before, math.min(row.t + ticket, 255)
  row.n = math.min(row.n + 1, 65535)
  if row.n >= bounds.unproven and is_unproven(row) then return struck(row, at, bounds) end
  return row
end

local function freed(row, window, is_answered)
  if not is_answered then row.n = math.max(0, row.n - 1) end
  if window == row.w then
    row.u = math.max(0, row.u - 1)
  elseif window == row.w - 1 then
    row.b = math.max(0, row.b - 1)
  end
  return row
end

local function booked(row, window, change, bounds)
  row = rested(row, window, bounds)
  row.s = math.min(math.max(row.s + change, P.suspicion_floor * 100), P.suspicion_top * 100)
  if not is_unproven(row) then
    row.r = 0
    if row.s <= P.crowd_suspicion * 100 and row.d >= P.crowd_numbers then
      row.n, row.c = 0, 1
    end
    return row
  end
  return row.s < bounds.refuse and row or struck(row, window, bounds)
end
