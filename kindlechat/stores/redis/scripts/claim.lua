if redis.call('EXISTS', key('conversation', given.id)) == 0 then return refuse('conversation') end
if redis.call('EXISTS', key('rights', given.id)) == 0 then
  grant(given.id, given.rights)
  redis.call('PEXPIRE', key('rights', given.id), redis.call('PTTL', key('conversation', given.id)))
  enlist(given.id, redis.call('ZSCORE', ACTIVE, given.id) or now)
end
return answer(rights_of(given.id))
