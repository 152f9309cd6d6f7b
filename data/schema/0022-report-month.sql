-- Sums of reports by month beside those by day: kind is 16 more, day the month's first. All are added up anew.
DELETE FROM report_sum;
UPDATE report_mark SET journal_id = 0 WHERE id = 1;
