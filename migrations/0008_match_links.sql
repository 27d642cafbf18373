-- A match stands beside another of the same item, and so of the same tenant: nothing else is its evidence.
alter table match add unique (id, item_id);
alter table match add foreign key (beside_id, item_id) references match (id, item_id);

-- Whether anything was found of a recording: asked for its page, and before it is removed.
create index match_by_recording on match (recording_id);
