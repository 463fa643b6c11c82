-- Writes the record of a population unless its id is taken.
-- KEYS  1 the population's record
-- ARGV  1 generation   2 model   3 count   4 seed   5 numerics
-- Returns the record as it is now, names and values in turn; another generation says that it was there before
-- Why atomic: of two creations at once, one begins and the other sees it.
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'state', 'creating', 'generation', ARGV[1], 'model', ARGV[2], 'count', ARGV[3],
    'seed', ARGV[4], 'numerics', ARGV[5])
end
return redis.call('HGETALL', KEYS[1])
