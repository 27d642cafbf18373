-- What comes back to a notice. Two mails under one Message-ID need not be one mail: an id can be used twice, or forged, and
-- the second mail was dropped unread. So answers are told apart by their bytes as well.
alter table reply drop constraint reply_notice_id_message_id_key;
alter table reply add constraint reply_once unique (notice_id, message_id, raw_sha256);

-- A recipient in a loop, or an attacker who knows the address, may write without end: above a number a day answers are
-- refused and only counted.
alter table notice add column replies_refused integer not null default 0 check (replies_refused >= 0);

-- What stops the put-back is the day on which an action was filed, not that on which somebody records it.
alter table counter_notice
  add column filed_on date,
  add constraint counter_notice_filed check (filed_on is null or answer = 'action_filed');

-- An account's own mail server that cannot be used is for the account to mend: its messages wait, and its settings say why.
alter table tenant
  add column mail_problem text check (length(mail_problem) between 1 and 2000),
  add column mail_problem_at timestamptz(3),
  add constraint tenant_mail_problem check ((mail_problem is null) = (mail_problem_at is null));
