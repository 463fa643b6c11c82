-- Claims an Idempotency-Key for a batch, or says which batch has it.
-- KEYS  1 the claim   2 the record of the batch that may give way; the claim again where none may
-- ARGV  1 batch   2 fingerprint of its request   3 a batch whose claim gives way, or empty   4 seconds to live
-- Returns nil where the claim is now the batch's; else {batch, fingerprint, age in milliseconds}
-- Why atomic: of two requests with one key, one is the first. A batch with a record may have jobs, so its claim never
-- gives way; one without cannot get a record any more once it gave way (batch-write). The time is the server's.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local batch, fingerprint, at = unpack(redis.call('HMGET', KEYS[1], 'batch', 'fingerprint', 'at'))
if batch and (batch ~= ARGV[3] or redis.call('EXISTS', KEYS[2]) == 1) then
  return { batch, fingerprint, now - at }
end
redis.call('HSET', KEYS[1], 'batch', ARGV[1], 'fingerprint', ARGV[2], 'at', now)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return nil
