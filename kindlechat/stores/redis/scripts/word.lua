local found = exists(given.id) and redis.call('HGET', key('words', given.id), given.key)
return answer(found and {word = found} or {})
