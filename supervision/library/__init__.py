"""The national rule library (两库) as data: imported, added to and switched off by the county."""
