-- As many of a reader's conversations as one call may are another reader's from now on.
enlist_all()
local list, handed = key('owned', given.owner_hash), 0
local found = scored(redis.call('ZRANGE', list, 0, given.batch - 1, 'WITHSCORES'), {})
for _, each in ipairs(found) do
  redis.call('ZREM', list, each.id)
  redis.call('SREM', key('shared', given.owner_hash), each.id)
  if exists(each.id) then
    redis.call('HSET', key('rights', each.id), 'owner_hash', given.to)
    enlist(each.id, each.written)
    handed = handed + 1
  end
end
return answer({handed = handed, looked = #found})
