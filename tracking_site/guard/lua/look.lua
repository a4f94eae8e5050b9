-- KEYS: circuit tail, circuit head, siege, then row and row of yesterday for each width
-- ARGV: window, bin, carrier. Changes nothing.
local window = tonumber(ARGV[1])
local bounds = ARGV[3] == '1' and {CARRIER, CARRIER} or {FIRST, SECOND, THIRD}
local got = redis.call('MGET', unpack(KEYS, 2))
local site = load_site(got[1])
advance(site, tonumber(ARGV[2]), KEYS[1])
local view = view_of(site, got[2])
local answer = {
  view.alarm, view.ceilings, string.format('%.17g', site.usual_miss), site.hour_numbers,
  string.format('%.17g', site.forecast_now), got[2] and 1 or 0,
}
for place = 1, (#KEYS - 3) / 2 do
  answer[#answer + 1] = pack_row(
    row_of(got[1 + 2 * place], got[2 + 2 * place], window, bounds[place]))
end
return answer
