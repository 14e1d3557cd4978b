-- corners/before as ranges
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before trend as ranges
SELECT CAST(date_trunc('quarter', "statement_date") AS date) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE "policies_in_force" = 1) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- corners/before rows as ranges
SELECT COUNT(*) AS c0
FROM (SELECT "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/grains as ranges
SELECT "statement_date" AS c0, CAST(date_trunc('week', "statement_date") AS date) AS c1, CAST(date_trunc('month', "statement_date") AS date) AS c2, CAST(date_trunc('quarter', "statement_date") AS date) AS c3, CAST(date_trunc('year', "statement_date") AS date) AS c4, COUNT(*) AS c5
FROM (SELECT "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST, 5 ASC NULLS LAST
LIMIT 40;

-- corners/measures as ranges
SELECT "business_unit" AS c0, COUNT(*) AS c1, COUNT(DISTINCT "customer_id") AS c2, SUM(CAST("policies_in_force" AS decimal(38,0))) AS c3, SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE "policies_in_force" = 1) AS c4, SUM(CAST("broker_commission" AS decimal(38,2))) AS c5, SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus')) AS c6, MIN("claims_incurred") AS c7, MAX("policies_in_force") AS c8, CAST(SUM(CAST("broker_commission" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) AS double), 0E0) AS c9
FROM (SELECT "broker_commission", "business_unit", "channel", "claims_incurred", "customer_id", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 10 ASC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- corners/types as ranges
SELECT "legal_hold" AS c0, "policies_in_force" AS c1, "written_premium" AS c2, "broker_commission" AS c3, COUNT(*) AS c4
FROM (SELECT "broker_commission", "legal_hold", "policies_in_force", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1, 2, 3, 4
ORDER BY 5 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST
LIMIT 60;

-- corners/texts as ranges
SELECT "customer_id" AS c0, "region" AS c1, "product" AS c2, COUNT(*) AS c3, COUNT(*) FILTER (WHERE "legal_hold" = TRUE) AS c4
FROM (SELECT "customer_id", "legal_hold", "product", "region", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1, 2, 3
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT 60;

-- corners/values of customer as ranges
SELECT "customer_id" AS c0, COUNT(*) AS c1
FROM (SELECT "customer_id", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- corners/values of policies as ranges
SELECT "policies_in_force" AS c0, COUNT(*) AS c1
FROM (SELECT "policies_in_force", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- corners/values of premium as ranges
SELECT "written_premium" AS c0, COUNT(*) AS c1
FROM (SELECT "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- corners/values of held as ranges
SELECT "legal_hold" AS c0, COUNT(*) AS c1
FROM (SELECT "legal_hold", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- rows of gold.statements as ranges
SELECT "statement_date" AS c0, "customer_id" AS c1, COUNT(*) AS c2
FROM (SELECT "customer_id", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 200;

-- corners/before as ranges, customer=C1000001
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "customer_id", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("customer_id" = 'C1000001') AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, customer fixed to ["C1000001", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "customer_id", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("customer_id" IN ('C1000001', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, customer fixed to []
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE (FALSE) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, policies=2
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("policies_in_force" = 2) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, policies fixed to ["2", "-9223372036854775808"]
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("policies_in_force" IN ((-9223372036854775807 - 1), 2)) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, premium=100.10
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("written_premium" = CAST('100.10' AS decimal(5,2))) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, premium fixed to ["100.10", "-0.50"]
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("written_premium" IN (CAST('-0.50' AS decimal(3,2)), CAST('100.10' AS decimal(5,2)))) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, held=false
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "legal_hold", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("legal_hold" = FALSE) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, held fixed to ["false", "true"]
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "legal_hold", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("legal_hold" IN (FALSE, TRUE)) AND (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as ranges, customer=C1000001, customer=l'Île "d\'x"; -- /* ? ${} %_, policies=-9223372036854775808, premium=-0.50, held=true, from=2026-02-01, to=2026-02-28
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-02-28') AND ("statement_date" >= DATE '2026-02-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-02-28') AND ("statement_date" >= DATE '2026-02-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-01-31') AND ("statement_date" >= DATE '2026-01-04')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-01-31') AND ("statement_date" >= DATE '2026-01-04')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "customer_id", "legal_hold", "policies_in_force", "product", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (NOT ("broker_commission" IS NULL)) AND ("policies_in_force" <= 3) AND ("policies_in_force" > (-1)) AND ("statement_date" < DATE '2026-03-20') AND ("statement_date" >= DATE '2026-01-05') AND ("written_premium" <= CAST('5000.00' AS decimal(6,2))) AND ("written_premium" >= CAST('-10.50' AS decimal(4,2))) AND (NOT ("written_premium" = CAST('100.00' AS decimal(5,2))))) AS t
WHERE ("customer_id" IN ('C1000001', 'l''Île "d\''x"; -- /* ? ${} %_')) AND ("legal_hold" = TRUE) AND ("policies_in_force" = (-9223372036854775807 - 1)) AND ("written_premium" = CAST('-0.50' AS decimal(3,2))) AND (("statement_date" <= DATE '2026-02-28') AND ("statement_date" >= DATE '2026-01-04'))
LIMIT 5001;

-- corners/before as texts
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("customer_id" LIKE '50\%\_of\\it''s%' ESCAPE '\') OR ("customer_id" LIKE 'C100%' ESCAPE '\') OR ("region" IN ('l''Île; -- "?" /* \'' */', 'montreal', '日本 🗾'))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as negations
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE (("broker_commission" <= CAST('12.34' AS decimal(4,2))) OR (NOT ("region" = 'estrie'))) AND (NOT ("legal_hold" IS NULL)) AND ("product" IN ('plus', 'premium'))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/before as local
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("channel" = 'agent') AND ("product" = 'plus') AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double) / NULLIF(CAST(SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("policies_in_force" = 1) AND ("statement_date" <= DATE '2025-12-31') AND ("statement_date" >= DATE '2025-10-03')) AS double), 0E0) AS c1
FROM (SELECT "channel", "claims_incurred", "policies_in_force", "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("broker_commission" < CAST('500.00' AS decimal(5,2))) AND ("region" IN ('St-Jean''s', 'laurentides', 'monteregie'))) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2025-10-03'))
LIMIT 5001;

-- corners/grains as masked
SELECT "statement_date" AS c0, CAST(date_trunc('week', "statement_date") AS date) AS c1, CAST(date_trunc('month', "statement_date") AS date) AS c2, CAST(date_trunc('quarter', "statement_date") AS date) AS c3, CAST(date_trunc('year', "statement_date") AS date) AS c4, COUNT(*) AS c5
FROM (SELECT "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST, 5 ASC NULLS LAST
LIMIT 40;

-- corners/types as masked
SELECT "legal_hold" AS c0, "policies_in_force" AS c1, "written_premium" AS c2, "broker_commission" AS c3, COUNT(*) AS c4
FROM (SELECT CAST("broker_commission" - (("broker_commission" % CAST('10' AS decimal(2,0)) + CAST('10' AS decimal(2,0))) % CAST('10' AS decimal(2,0))) AS decimal(12,2)) AS "broker_commission", "legal_hold", CAST("policies_in_force" - (("policies_in_force" % 2 + 2) % 2) AS bigint) AS "policies_in_force", "statement_date", CAST("written_premium" - (("written_premium" % CAST('250.5' AS decimal(4,1)) + CAST('250.5' AS decimal(4,1))) % CAST('250.5' AS decimal(4,1))) AS decimal(12,2)) AS "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1, 2, 3, 4
ORDER BY 5 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST
LIMIT 60;

-- corners/texts as masked
SELECT "customer_id" AS c0, "region" AS c1, "product" AS c2, COUNT(*) AS c3, COUNT(*) FILTER (WHERE "legal_hold" = TRUE) AS c4
FROM (SELECT substr("customer_id", 1, 1) || '...' AS "customer_id", "legal_hold", CAST(NULL AS varchar) AS "product", lower(substr(to_hex(hmac_sha256(to_utf8("region"), from_hex(?))), 1, 16)) AS "region", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1, 2, 3
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT 60;

-- corners/values of customer as masked
SELECT "customer_id" AS c0, COUNT(*) AS c1
FROM (SELECT substr("customer_id", 1, 1) || '...' AS "customer_id", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- corners/values of policies as masked
SELECT "policies_in_force" AS c0, COUNT(*) AS c1
FROM (SELECT CAST("policies_in_force" - (("policies_in_force" % 2 + 2) % 2) AS bigint) AS "policies_in_force", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- corners/values of premium as masked
SELECT "written_premium" AS c0, COUNT(*) AS c1
FROM (SELECT "statement_date", CAST("written_premium" - (("written_premium" % CAST('250.5' AS decimal(4,1)) + CAST('250.5' AS decimal(4,1))) % CAST('250.5' AS decimal(4,1))) AS decimal(12,2)) AS "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE TRUE) AS t
WHERE (("statement_date" <= DATE '2026-03-31') AND ("statement_date" >= DATE '2026-01-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

