-- Makes a population ready when all of its blocks are written.
-- KEYS  1 the population's record
-- ARGV  1 generation
-- Returns 1, or 0 where this creation is over: finished by another, deleted, or begun anew
-- Why atomic: a population that was deleted and begun again meanwhile has not got its blocks.
local record = redis.call('HMGET', KEYS[1], 'generation', 'state')
if record[1] ~= ARGV[1] or record[2] ~= 'creating' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'ready')
return 1
