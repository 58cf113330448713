local words = exists(given.id) and redis.call('HVALS', key('words', given.id)) or {}
return cjson.encode({words = #words > 0 and words or cjson.decode('[]')})
