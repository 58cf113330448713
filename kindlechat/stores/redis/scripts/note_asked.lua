local pair = load_pair(given.owner_hash)
if pair and pair.salt == given.salt then
  redis.call('HSET', key('pair', given.owner_hash), 'conversation', given.conversation, 'reply', given.reply)
end
return answer({})
