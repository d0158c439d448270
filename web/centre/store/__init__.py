"""What the centre keeps: tables, the chain that proves them whole, migrations."""
