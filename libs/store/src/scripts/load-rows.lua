-- Reads some rows of a block.
-- KEYS  1 the block
-- ARGV  1 runs of rows: first u16, count u16 each, ascending
-- Returns nil where there is no block, else {header, bytes of the whole record, the rows one after the other}
-- Why atomic: header and rows are of one moment; and 64 rows are one command for the client, not 66.
local HEADER = 64
local header = redis.call('GETRANGE', KEYS[1], 0, HEADER - 1)
if #header == 0 then return false end
local length = redis.call('STRLEN', KEYS[1])
if #header < HEADER then return { header, length, '' } end
local row_bytes = struct.unpack('<I4', header, 21)
local rows = {}
for at = 1, #ARGV[1], 4 do
  local first, count = struct.unpack('<I2I2', ARGV[1], at)
  local from = HEADER + first * row_bytes
  rows[#rows + 1] = redis.call('GETRANGE', KEYS[1], from, from + count * row_bytes - 1)
end
return { header, length, table.concat(rows) }
