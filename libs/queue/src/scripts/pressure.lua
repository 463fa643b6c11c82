-- How many jobs are in each state, and when the oldest was added that a worker could take. Changes nothing.
-- Reads what BullMQ 6.7.0 keeps; pressure.test.ts fails when another version is asked for, until this has been read again:
--   wait         a list that is filled at its head and taken from at its end
--   prioritized  score: priority * 2^32 + a counter; a job with priority is here and not in wait
--   delayed      score: the time at which the job is due * 2^12 + a counter
--   a job's hash has its time of adding in the field timestamp: the one field that is read of it, never its data
-- KEYS  1 wait   2 prioritized   3 delayed   4 active
-- ARGV  1 what the key of a job begins with
-- Returns {waiting, prioritized, delayed, active, time}: jobs, and milliseconds since 1970 as text, empty where none
-- waits (the time is too large for an integer reply of some clients)
-- Why atomic: a job that is taken between two questions would be counted twice, or in no state.
-- How much it reads does not depend on how many jobs there are: of many priorities the first few are looked at. What is
-- put off waits only from its time on: then no worker came for it.
local wait, prioritized, delayed, active = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local prefix, priorities = ARGV[1], 16
local oldest
local function since(ms)
  if ms and (not oldest or ms < oldest) then oldest = ms end
end
local function added(id)
  if id then since(tonumber(redis.call('HGET', prefix .. id, 'timestamp') or '')) end
end
added(redis.call('LINDEX', wait, -1))
local from = '-inf'
for _ = 1, priorities do
  local first = redis.call('ZRANGEBYSCORE', prioritized, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if not first[1] then break end
  added(first[1])
  from = string.format('%.0f', (math.floor(tonumber(first[2]) / 0x100000000) + 1) * 0x100000000)
end
local due = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
if due[2] then since(math.floor(tonumber(due[2]) / 0x1000)) end
local count = { redis.call('LLEN', wait), redis.call('ZCARD', prioritized), redis.call('ZCARD', delayed) }
return { count[1], count[2], count[3], redis.call('LLEN', active), oldest and string.format('%.0f', oldest) or '' }
