-- Marks jobs that were put on the queue again after they were answered, as a commit marks them.
-- KEYS  for each job: its hash (BullMQ's own), its result
-- Returns how many were marked
-- Why atomic: between the two questions a job may be answered or removed, and a mark alone would be a hash of its own.
local MARK = 'cohort:answered' -- as in commit.lua
local marked = 0
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 and redis.call('EXISTS', KEYS[i + 1]) == 1 then
    redis.call('HSET', KEYS[i], MARK, 1)
    marked = marked + 1
  end
end
return marked
