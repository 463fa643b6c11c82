-- Removes some blocks of a population that is being deleted, and with the last of them its record.
-- KEYS  1 the population's record   2… blocks
-- ARGV  1 generation   2 '1' where these are the last blocks, else '0'
-- Returns 1, or 0 where this deletion is over: finished by another
-- Why atomic: one that slept must not remove blocks of a population created since under the same id.
local record = redis.call('HMGET', KEYS[1], 'generation', 'state')
if record[1] ~= ARGV[1] or record[2] ~= 'deleting' then return 0 end
redis.call('UNLINK', unpack(KEYS, 2))
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
return 1
