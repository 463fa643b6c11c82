-- Writes the record of a batch whose Idempotency-Key it claimed, if the claim is still its own.
-- KEYS  1 the record   2 the claim
-- ARGV  1 batch   2 the record   3 seconds to live
-- Returns 1, or 0 where the claim is another batch's or is gone: nothing was written
-- Why atomic: a producer that slept must not go on with a batch whose key was taken over meanwhile.
if redis.call('HGET', KEYS[2], 'batch') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
