-- daily-metrics/new-policies as analyst-auto
SELECT SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

-- daily-metrics/new-policies trend as analyst-auto
SELECT CAST(date_trunc('week', "metric_date") AS date) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'new_policies') AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- daily-metrics/cancellation-rate as analyst-auto
SELECT CAST(SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'cancellations')) AS double) / NULLIF(CAST(SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS double), 0E0) AS c0, CAST(SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'cancellations')) AS double) / NULLIF(CAST(SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS double), 0E0) AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

-- daily-metrics/cancellation-rate trend as analyst-auto
SELECT CAST(date_trunc('week', "metric_date") AS date) AS c0, CAST(SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'cancellations') AS double) / NULLIF(CAST(SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'new_policies') AS double), 0E0) AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- daily-metrics/policies-by-day as analyst-auto
SELECT "metric_date" AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'new_policies') AS c1, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'cancellations') AS c2
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- daily-metrics/premium-by-channel as analyst-auto
SELECT "dimension_value" AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'written_premium') AS c1
FROM (SELECT "dimension_key", "dimension_value", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- daily-metrics/channels as analyst-auto
SELECT "dimension_value" AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'written_premium') AS c1, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'new_policies') AS c2, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'cancellations') AS c3, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE "metric_type" = 'claims_count') AS c4
FROM (SELECT "dimension_key", "dimension_value", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 8;

-- daily-metrics/values of channel as analyst-auto
SELECT "dimension_value" AS c0, COUNT(*) AS c1
FROM (SELECT "dimension_key", "dimension_value", "metric_date"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- rows of gold.agg_daily_metrics as analyst-auto
SELECT "metric_date" AS c0, "business_unit" AS c1, "metric_type" AS c2, "dimension_key" AS c3, "dimension_value" AS c4, COUNT(*) AS c5
FROM (SELECT "business_unit", "dimension_key", "dimension_value", "metric_date", "metric_type"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel')
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST, 5 ASC NULLS LAST
LIMIT 200;

-- daily-metrics/new-policies as analyst-auto, channel=affinity
SELECT SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS c1
FROM (SELECT "dimension_key", "dimension_value", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND ("dimension_value" = 'affinity') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

-- daily-metrics/new-policies as analyst-auto, channel fixed to ["affinity", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS c1
FROM (SELECT "dimension_key", "dimension_value", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND ("dimension_value" IN ('affinity', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

-- daily-metrics/new-policies as analyst-auto, channel fixed to []
SELECT SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" = 'auto') AS t
WHERE ("dimension_key" = 'channel') AND (FALSE) AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

-- daily-metrics/new-policies as exec
SELECT SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

-- daily-metrics/new-policies as broker
SELECT SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2026-08-01') AND ("metric_type" = 'new_policies')) AS c0, SUM(CAST("metric_value" AS decimal(38,2))) FILTER (WHERE ("metric_date" <= DATE '2025-10-31') AND ("metric_date" >= DATE '2025-08-01') AND ("metric_type" = 'new_policies')) AS c1
FROM (SELECT "dimension_key", "metric_date", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE "business_unit" IN ('auto', 'home')) AS t
WHERE ("dimension_key" = 'channel') AND (("metric_date" <= DATE '2026-10-31') AND ("metric_date" >= DATE '2025-08-01'))
LIMIT 5001;

