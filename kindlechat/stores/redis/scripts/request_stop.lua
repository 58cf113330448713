if redis.call('HEXISTS', key('reply', given.id), 'owner') == 1 then
  redis.call('HSET', key('reply', given.id), 'stop', 1)
end
return answer({})
