if redis.call('HGET', key('pair', given.owner_hash), 'salt') == given.salt then
  unlink_pair(given.owner_hash)
end
return answer({})
