if not exists(given.id) then return refuse('conversation') end
if redis.call('EXISTS', key('rights', given.id)) == 0 then
  grant(given.id, given.rights)
  redis.call('PEXPIRE', key('rights', given.id), redis.call('PTTL', key('conversation', given.id)))
end
return answer(rights_of(given.id))
