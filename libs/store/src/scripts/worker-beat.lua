-- Says that a worker is alive, and forgets those that have not said so for long.
-- KEYS  1 workers by the time of their last beat   2 what each said of itself
-- ARGV  1 worker   2 what it says of itself   3 milliseconds after which a silent worker is forgotten
-- Returns 1
-- Why atomic: both keys hold the same workers at any moment. By the server's time: clocks of workers may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, silent in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - ARGV[3]))) do
  redis.call('ZREM', KEYS[1], silent)
  redis.call('HDEL', KEYS[2], silent)
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
