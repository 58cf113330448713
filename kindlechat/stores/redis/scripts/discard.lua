-- Discard one conversation or, of those that a reader owns, as many as one call may.
local function discard(conversation)
  local at = redis.call('ZSCORE', ACTIVE, conversation) or now
  local owner_hash = owner_of(conversation)
  delist(conversation)
  redis.call('HSET', key('about', conversation), 'discarded', now, 'written', at)
  expire(conversation, given.undo_s)
  redis.call('RENAME', key('conversation', conversation), key('discarded', conversation))
  if owner_hash then
    redis.call('ZADD', key('bin', owner_hash), now, conversation)
    redis.call('EXPIRE', key('bin', owner_hash), given.undo_s)
  end
end

if given.id then
  if not exists(given.id) then return refuse('conversation') end
  discard(given.id)
  return answer({})
end
enlist_all()
local list, discarded = key('owned', given.owner_hash), 0
local ids = redis.call('ZRANGE', list, 0, given.batch - 1)
for _, id in ipairs(ids) do
  if exists(id) then
    discard(id)
    discarded = discarded + 1
  else
    redis.call('ZREM', list, id)
  end
end
return answer({discarded = discarded, looked = #ids})
