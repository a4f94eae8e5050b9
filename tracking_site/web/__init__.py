"""What a browser meets: blueprints cut by response policy, rendering, headers, words."""
