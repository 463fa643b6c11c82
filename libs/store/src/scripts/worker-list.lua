-- Lists the workers that are alive.
-- KEYS  1 workers by the time of their last beat   2 what each said of itself
-- ARGV  1 milliseconds of silence after which a worker is not alive
-- Returns a flat list: worker, what it said of itself, …, in the order of their names
-- Why atomic: it changes nothing; the time is the server's, and both keys are read at one moment.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local alive = redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf')
table.sort(alive)
local list = {}
for _, worker in ipairs(alive) do
  list[#list + 1] = worker
  list[#list + 1] = redis.call('HGET', KEYS[2], worker)
end
return list
