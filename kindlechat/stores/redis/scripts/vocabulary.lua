-- The words that were looked up in so many of a reader's conversations, those that were written last.
enlist_all()
local words = {}
for _, conversation in ipairs(last_written(key('owned', given.owner_hash), 0, given.most)) do
  if exists(conversation.id) then
    for _, word in ipairs(redis.call('HVALS', key('words', conversation.id))) do
      words[#words + 1] = word
    end
  end
end
return cjson.encode({words = #words > 0 and words or cjson.decode('[]')})
