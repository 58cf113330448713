-- How a conversation stands that is to get a question, or why it gets none. A new one is not there yet.
if redis.call('EXISTS', key('reply', given.reply)) == 1 then
  return answer({again = true})  -- sent again after its answer was lost
end
if given.is_new then return answer({at = now}) end
if not exists(given.id) then return refuse('conversation') end
if given.replaces and redis.call('HGET', key('reply', given.replaces), 'replaced') then
  return refuse('replaced')
end
return answer(standing(given.id, now))
