local pair
if given.owner_hash then
  pair = load_pair(given.owner_hash)
else
  pair = pair_by('side', given.side_hash)
end
return answer(told_pair(pair))
