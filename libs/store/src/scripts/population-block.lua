-- Writes one block of a population that is being created.
-- KEYS  1 the population's record   2 the block
-- ARGV  1 generation   2 the block's bytes
-- Returns 1, or 0 where this creation is over: finished by another, deleted, or begun anew
-- Why atomic: a creator that slept must not write over agents that have stepped, nor into a newer population.
local record = redis.call('HMGET', KEYS[1], 'generation', 'state')
if record[1] ~= ARGV[1] or record[2] ~= 'creating' then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
