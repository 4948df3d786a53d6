"""Framework packs: content as data (`compliance/frameworks`), read into frozen values, chosen by each tenant."""
