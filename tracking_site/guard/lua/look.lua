-- KEYS: row, row of yesterday, second, second of yesterday, circuit head, circuit tail, siege
-- ARGV: window, bin. Changes nothing.
local got = redis.call('MGET', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[7])
local row, second = row_of(got[1], got[2]), row_of(got[3], got[4])
local site = load_site(got[5])
advance(site, tonumber(ARGV[2]), KEYS[6])
local view = view_of(site, got[6])
local now, before = windows(row, tonumber(ARGV[1]))
return {
  pack_row(row), pack_row(second), view.alarm, view.ceilings, now + before,
  string.format('%.17g', site.usual_miss), string.format('%.17g', site.usual_heavy),
  site.hour_numbers, string.format('%.17g', site.forecast_now), got[6] and 1 or 0,
}
