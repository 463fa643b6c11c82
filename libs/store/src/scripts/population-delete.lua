-- Begins to delete a population: from here on nobody creates it or admits steps to it.
-- KEYS  1 the population's record
-- ARGV  1 generation
-- Returns 1, or 0 where the population is gone or another one has its id
-- Why atomic: setting the state of a record that was just removed would make one without its other fields.
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'deleting')
return 1
