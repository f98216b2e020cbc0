"""What runs any API on MySQL: engine, database, web. It knows no hospital."""
