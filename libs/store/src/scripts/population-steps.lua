-- Adds up the step counters of some blocks of a population.
-- KEYS  1… blocks
-- ARGV  1 generation, 8 bytes
-- Returns {total, least, most, 0}, exact to 2^53, where a Lua number ends;
--         or {0, 0, 0, position among KEYS of the first block that is missing or damaged}
-- Why atomic: it changes nothing; it is here so that the rows are looked at instead of sent.
local HEADER = 64
-- 256 rows of 224 bytes read at once take 90 µs, one by one 250; a block of large rows may have 16 MiB.
local SMALL_ROW = 1024
local total, least, most = 0, math.huge, 0
for position, key in ipairs(KEYS) do
  local header = redis.call('GETRANGE', key, 0, HEADER - 1)
  if #header < HEADER or string.sub(header, 33, 40) ~= ARGV[1] then return { 0, 0, 0, position } end
  local count, row_bytes = struct.unpack('<I2I4', header, 19)
  local whole = HEADER + count * row_bytes
  if count == 0 or redis.call('STRLEN', key) ~= whole then return { 0, 0, 0, position } end
  local record = row_bytes <= SMALL_ROW and redis.call('GET', key)
  for row = 0, count - 1 do
    local from = HEADER + row * row_bytes
    local step
    if record then
      step = struct.unpack('<I8', record, from + 1)
    else
      step = struct.unpack('<I8', redis.call('GETRANGE', key, from, from + 7))
    end
    total = total + step
    least = math.min(least, step)
    most = math.max(most, step)
  end
end
return { total, least, most, 0 }
