"""Door and drawer on one table, of the CDS and QMP papers (docs/environments/metaworld_cds.md)."""
