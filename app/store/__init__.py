"""Persistence layer: SQLAlchemy tables and queries. Functions return core values, never ORM rows."""
