-- instants/computed as ranges
SELECT "computed_at" AS c0, "metric_type" AS c1, SUM(CAST("metric_value" AS decimal(38,2))) AS c2, MAX("metric_count") AS c3
FROM (SELECT "computed_at", "dimension_key", "metric_count", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("computed_at" <= TIMESTAMP '2026-10-01 12:30:00.000') AND ("computed_at" > TIMESTAMP '2025-01-01 00:00:00.250')) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12))
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 50;

-- instants/values of at as ranges
SELECT "computed_at" AS c0, COUNT(*) AS c1
FROM (SELECT "computed_at", "dimension_key", "metric_count"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("computed_at" <= TIMESTAMP '2026-10-01 12:30:00.000') AND ("computed_at" > TIMESTAMP '2025-01-01 00:00:00.250')) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- rows of gold.agg_daily_metrics as ranges
SELECT "metric_date" AS c0, "metric_type" AS c1, "dimension_value" AS c2, COUNT(*) AS c3
FROM (SELECT "dimension_key", "dimension_value", "metric_count", "metric_date", "metric_type"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("computed_at" <= TIMESTAMP '2026-10-01 12:30:00.000') AND ("computed_at" > TIMESTAMP '2025-01-01 00:00:00.250')) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12))
GROUP BY 1, 2, 3
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT 200;

-- instants/computed as ranges, at=2026-03-01T06:00:00
SELECT "computed_at" AS c0, "metric_type" AS c1, SUM(CAST("metric_value" AS decimal(38,2))) AS c2, MAX("metric_count") AS c3
FROM (SELECT "computed_at", "dimension_key", "metric_count", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("computed_at" <= TIMESTAMP '2026-10-01 12:30:00.000') AND ("computed_at" > TIMESTAMP '2025-01-01 00:00:00.250')) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12)) AND ("computed_at" = TIMESTAMP '2026-03-01 06:00:00.000')
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 50;

-- instants/computed as ranges, at fixed to ["2026-03-01T06:00:00", "2026-03-01T06:00:00.125"]
SELECT "computed_at" AS c0, "metric_type" AS c1, SUM(CAST("metric_value" AS decimal(38,2))) AS c2, MAX("metric_count") AS c3
FROM (SELECT "computed_at", "dimension_key", "metric_count", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("computed_at" <= TIMESTAMP '2026-10-01 12:30:00.000') AND ("computed_at" > TIMESTAMP '2025-01-01 00:00:00.250')) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12)) AND ("computed_at" IN (TIMESTAMP '2026-03-01 06:00:00.000', TIMESTAMP '2026-03-01 06:00:00.125'))
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 50;

-- instants/computed as ranges, at fixed to []
SELECT "computed_at" AS c0, "metric_type" AS c1, SUM(CAST("metric_value" AS decimal(38,2))) AS c2, MAX("metric_count") AS c3
FROM (SELECT "computed_at", "dimension_key", "metric_count", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("computed_at" <= TIMESTAMP '2026-10-01 12:30:00.000') AND ("computed_at" > TIMESTAMP '2025-01-01 00:00:00.250')) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12)) AND (FALSE)
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 50;

-- instants/computed as negations
SELECT "computed_at" AS c0, "metric_type" AS c1, SUM(CAST("metric_value" AS decimal(38,2))) AS c2, MAX("metric_count") AS c3
FROM (SELECT "computed_at", "dimension_key", "metric_count", "metric_type", "metric_value"
FROM "gold"."agg_daily_metrics" FOR VERSION AS OF 5828592803881840765
WHERE ("metric_value" < CAST('10.00' AS decimal(4,2))) OR ("metric_value" > CAST('100.50' AS decimal(5,2)))) AS t
WHERE (("dimension_key" = 'channel') AND ("metric_count" = 12))
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 50;

