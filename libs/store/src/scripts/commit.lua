-- Applies a job, or its failure, once: the one place where agents' rows, a job's result and its mark change.
-- KEYS  1 the job's hash (BullMQ's own)   2 its result   3… the block of each part
-- ARGV  1 result   2 seconds that it is kept   3 channel   4 pointer (published where the result is not)
--       5 most bytes of a result that is published itself   6 nonce of this commit, 8 bytes
--       then four for each part:
--         generation, 8 bytes
--         expected: whole, the version, 16 bytes; by row, the SHA-1 of its rows as they were loaded, hex
--         runs of rows: first u16 and count u16 each; empty: the whole block
--         the new rows
-- Returns {'already'} | {'gone'} | {'stale', index of each part that differs…} | {'done'}
-- Why atomic: between any two steps of this a second delivery, a zombie or another worker's job may come.
local MARK = 'cohort:answered'
local HEADER, VERSION_AT = 64, 48
local FIRST_BLOCK, FIRST_PART, PART_ARGUMENTS = 3, 7, 4
local job, result = KEYS[1], KEYS[2]
local answer, seconds, channel, pointer = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local inline, nonce = tonumber(ARGV[5]), ARGV[6]

local function announce(text)
  redis.call('PUBLISH', channel, (text and #text <= inline) and text or pointer)
end

local function part(i)
  local at = FIRST_PART + i * PART_ARGUMENTS
  return {
    key = KEYS[FIRST_BLOCK + i],
    generation = ARGV[at],
    expected = ARGV[at + 1],
    runs = ARGV[at + 2],
    rows = ARGV[at + 3],
  }
end

-- Calls visit(first byte in the record, bytes) for each run of a by-row part.
local function each_run(p, visit)
  for at = 1, #p.runs, 4 do
    local first, count = struct.unpack('<I2I2', p.runs, at)
    visit(HEADER + first * p.row_bytes, count * p.row_bytes)
  end
end

-- A population that was deleted and created again may have equal rows; its generation is another.
local function is_fresh(p)
  local header = redis.call('GETRANGE', p.key, 0, HEADER - 1)
  if #header < HEADER or string.sub(header, 33, 40) ~= p.generation then return false end
  local count, row_bytes = struct.unpack('<I2I4', header, 19)
  if redis.call('STRLEN', p.key) ~= HEADER + count * row_bytes then return false end
  p.row_bytes = row_bytes
  local bytes = count * row_bytes
  if p.runs == '' then
    if string.sub(header, VERSION_AT + 1, HEADER) ~= p.expected then return false end
  else
    local rows = {}
    each_run(p, function(from, length)
      rows[#rows + 1] = redis.call('GETRANGE', p.key, from, from + length - 1)
    end)
    local now = table.concat(rows)
    if redis.sha1hex(now) ~= p.expected then return false end
    bytes = #now
  end
  if #p.rows ~= bytes then error('new rows of ' .. p.key .. ': ' .. #p.rows .. ' bytes over ' .. bytes) end
  return true
end

-- Version and rows of a whole block are neighbours, yet two writes: joining 57 KB in Lua takes 65 µs, a call 1 µs.
local function write(p)
  local counter = struct.unpack('<I8', redis.call('GETRANGE', p.key, VERSION_AT, VERSION_AT + 7))
  redis.call('SETRANGE', p.key, VERSION_AT, struct.pack('<I8', counter + 1) .. nonce)
  if p.runs == '' then
    redis.call('SETRANGE', p.key, HEADER, p.rows)
    return
  end
  local taken = 0
  each_run(p, function(from, length)
    redis.call('SETRANGE', p.key, from, string.sub(p.rows, taken + 1, taken + length))
    taken = taken + length
  end)
end

-- 1. Answered before: the stored answer goes out again, or, if its time is over, the pointer to where it was.
-- A stored answer without a mark: the job was done and removed, and a producer whose connection broke under the add has
-- put it on the queue once more.
if redis.call('HEXISTS', job, MARK) == 1 or redis.call('EXISTS', result) == 1 then
  announce(redis.call('GET', result))
  return { 'already' }
end

-- 2. The job is over and removed: whoever asks is a zombie.
if redis.call('EXISTS', job) == 0 then return { 'gone' } end

-- 3. All parts are compared before any is written.
local parts, stale = {}, { 'stale' }
for i = 0, #KEYS - FIRST_BLOCK do
  parts[i + 1] = part(i)
  if not is_fresh(parts[i + 1]) then stale[#stale + 1] = i end
end
if #stale > 1 then return stale end

-- 4. Rows, versions, result, mark and message together. The mark lives as long as the job can be delivered.
for _, p in ipairs(parts) do write(p) end
redis.call('SET', result, answer, 'EX', seconds)
redis.call('HSET', job, MARK, 1)
announce(answer)
return { 'done' }
