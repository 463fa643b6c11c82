-- Notes that a claim's batch is on the queue.
-- KEYS  1 the claim
-- ARGV  1 batch
-- Returns 1, or 0 where the claim is another batch's or is gone
-- Why atomic: a producer that slept must not mark a claim that another has taken over, nor make one without an end.
if redis.call('HGET', KEYS[1], 'batch') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'queued', 1)
return 1
