-- Claims an Idempotency-Key for a batch, or says which batch has it.
-- KEYS  1 the claim
-- ARGV  1 batch   2 fingerprint of its request   3 a batch whose claim gives way, or empty   4 seconds to live
-- Returns nil where the claim is now the batch's; else {batch, fingerprint, 1 where it was queued, age in milliseconds}
-- Why atomic: of two requests with one key, one is the first. The time is the server's: producers' clocks may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local batch, fingerprint, queued, at = unpack(redis.call('HMGET', KEYS[1], 'batch', 'fingerprint', 'queued', 'at'))
if batch and (batch ~= ARGV[3] or queued) then
  return { batch, fingerprint, queued and 1 or 0, now - at }
end
redis.call('HSET', KEYS[1], 'batch', ARGV[1], 'fingerprint', ARGV[2], 'at', now)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return nil
